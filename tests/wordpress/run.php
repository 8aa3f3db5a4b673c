<?php
// Runs a line of PHP within the site and prints what it returns, as JSON: php run.php CODE

$_SERVER['HTTP_HOST'] = 'localhost';
require ABSPATH . 'wp-load.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';
require_once ABSPATH . 'wp-admin/includes/file.php';
require_once ABSPATH . 'wp-admin/includes/template.php';
// phpcs:ignore Squiz.PHP.Eval -- the code is that of a test.
echo wp_json_encode( eval( $argv[1] ) );
