<?php
/**
 * Leaves nothing behind: neither the setting nor what the node said.
 *
 * @package LocalFed
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

require_once __DIR__ . '/includes/asking.php';

$localfed_directory_sites = is_multisite() ? get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) : array( 0 );
foreach ( $localfed_directory_sites as $localfed_directory_site ) {
	if ( $localfed_directory_site ) {
		switch_to_blog( $localfed_directory_site );
	}
	localfed_directory_forget_answers();
	delete_option( LOCALFED_DIRECTORY_OPTION );
	if ( $localfed_directory_site ) {
		restore_current_blog();
	}
}
