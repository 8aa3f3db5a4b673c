<?php
// Publishes a page as the keeper of the site would: php publish.php CONTENT-AS-JSON

$_SERVER['HTTP_HOST'] = 'localhost';
require ABSPATH . 'wp-load.php';
wp_set_current_user( 1 );
$number = wp_insert_post(
	array(
		'post_type'    => 'page',
		'post_status'  => 'publish',
		'post_title'   => 'A page',
		'post_content' => wp_slash( json_decode( $argv[1] ) ),
	),
	true
);
if ( is_wp_error( $number ) ) {
	fwrite( STDERR, $number->get_error_message() );
	exit( 1 );
}
echo $number;
