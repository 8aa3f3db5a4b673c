<?php
// Installs the site of the tests: php install.php NODE

define( 'WP_INSTALLING', true );
$_SERVER['HTTP_HOST'] = 'localhost';
$database = preg_match( "/'DB_HOST', 'localhost:([^']+)'/", (string) file_get_contents( ABSPATH . 'wp-config.php' ), $found ) ? $found[1] : '';
$made     = new mysqli( 'localhost', 'root', '', '', 0, $database );
$made->query( 'CREATE DATABASE site' );
require ABSPATH . 'wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';
wp_install( 'Our neighbourhood', 'keeper', 'keeper@example.org', true, '', 'a password of a test' );
switch_theme( 'twentytwentythree' );
update_option( 'localfed_directory_node', $argv[1] );
$wrong = activate_plugin( 'localfed-directory/localfed-directory.php' );
if ( is_wp_error( $wrong ) ) {
	fwrite( STDERR, $wrong->get_error_message() );
	exit( 1 );
}
