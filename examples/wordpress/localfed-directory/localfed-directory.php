<?php
/**
 * Plugin Name:       LocalFed directory
 * Description:       Shows what a LocalFed node knows near you: offers, needs and organisations, as a block or a shortcode, rendered on your own server.
 * Version:           1.0.0
 * Requires at least: 6.1
 * Requires PHP:      7.4
 * Author:            The LocalFed contributors
 * License:           Apache-2.0
 * License URI:       https://www.apache.org/licenses/LICENSE-2.0
 * Text Domain:       localfed-directory
 *
 * Here: what is registered with WordPress. Not here: asking the node (includes/asking.php), HTML
 * (includes/showing.php), the page of settings (includes/settings.php).
 *
 * @package LocalFed
 */

defined( 'ABSPATH' ) || exit;

require_once __DIR__ . '/includes/asking.php';
require_once __DIR__ . '/includes/showing.php';

if ( is_admin() ) {
	require_once __DIR__ . '/includes/settings.php';
}

add_action( 'init', 'localfed_directory_register' );

/**
 * Registers the block, the shortcode and the style sheet, which is loaded on pages that show a directory alone.
 */
function localfed_directory_register() {
	load_plugin_textdomain( 'localfed-directory', false, dirname( plugin_basename( __FILE__ ) ) . '/languages' );
	wp_register_style( 'localfed-directory', plugins_url( 'style.css', __FILE__ ), array(), '1.0.0' );
	add_shortcode( 'localfed', 'localfed_directory_shortcode' );
	register_block_type( __DIR__ . '/block', array( 'render_callback' => 'localfed_directory_block' ) );
	wp_set_script_translations( 'localfed-directory-editor-script', 'localfed-directory' );
}

/**
 * Shows a directory where a text says [localfed near="54.6,-2.3" kind="offer"].
 *
 * @param array|string $attributes What the shortcode says; a string where it says nothing.
 * @return string HTML.
 */
function localfed_directory_shortcode( $attributes ) {
	$attributes = shortcode_atts( localfed_directory_defaults(), (array) $attributes, 'localfed' );
	return localfed_directory_html( $attributes, '' );
}

/**
 * Shows a directory where a page has the block.
 *
 * @param array $attributes What the editor chose.
 * @return string HTML.
 */
function localfed_directory_block( $attributes ) {
	$attributes = array_intersect_key( (array) $attributes, localfed_directory_defaults() );
	$attributes = array_merge( localfed_directory_defaults(), $attributes );
	return localfed_directory_html( $attributes, get_block_wrapper_attributes() );
}
