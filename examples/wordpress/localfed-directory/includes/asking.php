<?php
/**
 * Asking the node, at most once in fifteen minutes for each search; what it said last is kept for when it is away.
 *
 * Here: reading a search, the request, what is kept. Not here: HTML (showing.php).
 *
 * @package LocalFed
 */

defined( 'ABSPATH' ) || exit;

const LOCALFED_DIRECTORY_OPTION  = 'localfed_directory_node';
const LOCALFED_DIRECTORY_PREFIX  = 'localfed_directory_';
const LOCALFED_DIRECTORY_FRESH   = 15 * MINUTE_IN_SECONDS;
const LOCALFED_DIRECTORY_KEPT    = 14 * DAY_IN_SECONDS; // A node shows nothing longer than that without a word from its publisher.
const LOCALFED_DIRECTORY_RETRY   = 2 * MINUTE_IN_SECONDS; // A node that is away slows one page in that time, and not each.
const LOCALFED_DIRECTORY_SECONDS = 4;
const LOCALFED_DIRECTORY_BYTES   = 2097152;
const LOCALFED_DIRECTORY_MOST    = 50;

/**
 * Names what can be chosen, and what holds where nothing is.
 *
 * @return array<string, string|int>
 */
function localfed_directory_defaults() {
	return array(
		'q'            => '',
		'near'         => '',
		'radius'       => '',
		'kind'         => '',
		'category'     => '',
		'organisation' => '',
		'limit'        => 10,
		'view'         => 'list',
		'lang'         => '',
	);
}

/**
 * Names the node that the settings name, without a slash; empty where they name none.
 *
 * @return string Such as https://market.example
 */
function localfed_directory_node() {
	return untrailingslashit( (string) get_option( LOCALFED_DIRECTORY_OPTION, '' ) );
}

/**
 * Reads what was chosen as the parameters of a search of the node.
 *
 * @param array $attributes Of the block or the shortcode: written by whoever writes the page.
 * @return array<string, string>
 */
function localfed_directory_query( $attributes ) {
	$query = array();
	foreach ( array( 'q', 'near', 'radius', 'kind', 'category', 'organisation' ) as $name ) {
		$text = trim( sanitize_text_field( (string) $attributes[ $name ] ) );
		if ( '' !== $text ) {
			$query[ $name ] = $text;
		}
	}
	if ( ! isset( $query['near'] ) ) {
		unset( $query['radius'] ); // A distance needs a place.
	}
	$query['limit'] = (string) max( 1, min( LOCALFED_DIRECTORY_MOST, (int) $attributes['limit'] ) );
	return $query;
}

/**
 * Answers a search: from what is kept while that is fresh, else from the node, else from what is kept.
 *
 * @param array<string, string> $query Of localfed_directory_query().
 * @return array{total: int, results: array, asked: int}|WP_Error The error where nothing was ever answered.
 */
function localfed_directory_search( $query ) {
	$node = localfed_directory_node();
	if ( '' === $node ) {
		return new WP_Error( 'localfed_no_node', __( 'No node is named yet: Settings, LocalFed directory.', 'localfed-directory' ) );
	}
	$key  = LOCALFED_DIRECTORY_PREFIX . md5( $node . '?' . http_build_query( $query ) );
	$kept = get_transient( $key );
	$now  = time();
	if ( is_array( $kept ) && $kept['again'] > $now ) {
		return isset( $kept['answer'] ) ? $kept['answer'] : new WP_Error( 'localfed_away', $kept['wrong'] );
	}
	$answer = localfed_directory_ask( $node, $query );
	if ( is_wp_error( $answer ) ) {
		$kept          = is_array( $kept ) ? $kept : array();
		$kept['again'] = $now + LOCALFED_DIRECTORY_RETRY;
		$kept['wrong'] = $answer->get_error_message();
		set_transient( $key, $kept, LOCALFED_DIRECTORY_KEPT );
		return isset( $kept['answer'] ) ? $kept['answer'] : $answer;
	}
	$answer['asked'] = $now;
	$kept            = array(
		'again'  => $now + LOCALFED_DIRECTORY_FRESH,
		'answer' => $answer,
	);
	set_transient( $key, $kept, LOCALFED_DIRECTORY_KEPT );
	return $answer;
}

/**
 * Asks the node, through WordPress' own door, which refuses addresses within the server's own network.
 *
 * @param string                $node  Without a slash at its end.
 * @param array<string, string> $query Of localfed_directory_query().
 * @return array{total: int, results: array}|WP_Error
 */
function localfed_directory_ask( $node, $query ) {
	$answer = wp_safe_remote_get(
		$node . '/api/v1/search?' . http_build_query( $query, '', '&' ),
		array(
			'timeout'             => LOCALFED_DIRECTORY_SECONDS,
			'redirection'         => 2,
			'limit_response_size' => LOCALFED_DIRECTORY_BYTES,
			'headers'             => array( 'Accept' => 'application/json' ),
		)
	);
	if ( is_wp_error( $answer ) ) {
		return $answer;
	}
	$value = json_decode( wp_remote_retrieve_body( $answer ), true );
	if ( 200 !== wp_remote_retrieve_response_code( $answer ) || ! isset( $value['results'] ) || ! is_array( $value['results'] ) ) {
		$detail = is_array( $value ) && isset( $value['detail'] ) ? (string) $value['detail'] : __( 'That was no answer of a LocalFed node.', 'localfed-directory' );
		return new WP_Error( 'localfed_answer', $detail );
	}
	return array(
		'total'   => (int) ( isset( $value['total'] ) ? $value['total'] : 0 ),
		'results' => array_values( array_filter( array_map( 'localfed_directory_read', $value['results'] ) ) ),
	);
}

/**
 * Takes out of one result what is shown of it: everything in it was written by strangers.
 *
 * @param mixed $result Of the node's answer.
 * @return array|null Null for what is no result.
 */
function localfed_directory_read( $result ) {
	if ( ! is_array( $result ) || empty( $result['document']['name'] ) || ! is_array( $result['document']['name'] ) || empty( $result['page'] ) ) {
		return null;
	}
	$document  = $result['document'];
	$publisher = isset( $result['publisher'] ) && is_array( $result['publisher'] ) ? $result['publisher'] : array();
	$place     = isset( $document['location'][0]['address'] ) && is_array( $document['location'][0]['address'] ) ? $document['location'][0]['address'] : array();
	return array(
		'kind'      => isset( $result['kind'] ) ? (string) $result['kind'] : '',
		'page'      => (string) $result['page'],
		'names'     => array_map( 'strval', $document['name'] ),
		'texts'     => isset( $document['description'] ) && is_array( $document['description'] ) ? array_map( 'strval', $document['description'] ) : array(),
		'language'  => isset( $document['language'] ) ? (string) $document['language'] : '',
		'where'     => isset( $place['addressLocality'] ) ? (string) $place['addressLocality'] : '',
		'km'        => isset( $result['distance_km'] ) ? (float) $result['distance_km'] : null,
		'online'    => ! empty( $document['online'] ),
		'listed'    => ! empty( $result['listed'] ),
		'publisher' => isset( $publisher['name'] ) ? (string) $publisher['name'] : '',
		'host'      => isset( $publisher['host'] ) ? (string) $publisher['host'] : '',
		'checked'   => isset( $result['checked'] ) ? (string) $result['checked'] : '',
	);
}

/**
 * Lets go of every answer that is kept, on this site.
 */
function localfed_directory_forget_answers() {
	global $wpdb;
	$like = $wpdb->esc_like( '_transient_' . LOCALFED_DIRECTORY_PREFIX ) . '%';
	// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- WordPress has no other way to find transients by their beginning.
	$names = $wpdb->get_col( $wpdb->prepare( "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE %s", $like ) );
	foreach ( $names as $name ) {
		delete_transient( substr( $name, strlen( '_transient_' ) ) );
	}
}
