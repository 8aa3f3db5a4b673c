<?php
/**
 * Showing results as HTML: escaped where it is written, readable without scripts.
 *
 * Here: the list, what is said where there is none, languages and distances. Not here: asking (asking.php).
 *
 * @package LocalFed
 */

defined( 'ABSPATH' ) || exit;

const LOCALFED_DIRECTORY_EXCERPT = 220;

/**
 * Writes a directory.
 *
 * @param array  $attributes Every name of localfed_directory_defaults().
 * @param string $wrapper    Attributes of the element around a block, as WordPress writes them; empty for a shortcode.
 * @return string HTML.
 */
function localfed_directory_html( $attributes, $wrapper ) {
	wp_enqueue_style( 'localfed-directory' );
	$query   = localfed_directory_query( $attributes );
	$answer  = localfed_directory_search( $query );
	$wrapper = '' !== $wrapper ? $wrapper : 'class="wp-block-localfed-directory"';
	if ( is_wp_error( $answer ) ) {
		$inside = localfed_directory_away( $answer, $query );
	} elseif ( ! $answer['results'] ) {
		$inside = '<p>' . esc_html__( 'Nothing was found there yet.', 'localfed-directory' ) . '</p>' . localfed_directory_foot( $answer, $query );
	} else {
		$language = localfed_directory_language( $attributes );
		$inside   = '';
		foreach ( $answer['results'] as $result ) {
			$inside .= localfed_directory_item( $result, $language, 'compact' === $attributes['view'] );
		}
		$inside = '<ul class="localfed-results">' . $inside . '</ul>' . localfed_directory_foot( $answer, $query );
	}
	return '<div ' . $wrapper . '>' . $inside . '</div>';
}

/**
 * Writes one result.
 *
 * @param array  $result     Of localfed_directory_read().
 * @param string $language   Tag of the language to choose first.
 * @param bool   $is_compact Whether its text is left out.
 * @return string HTML.
 */
function localfed_directory_item( $result, $language, $is_compact ) {
	$kinds = array(
		'offer'        => __( 'Offer', 'localfed-directory' ),
		'need'         => __( 'Need', 'localfed-directory' ),
		'organisation' => __( 'Organisation', 'localfed-directory' ),
	);
	$facts = array_filter(
		array(
			isset( $kinds[ $result['kind'] ] ) ? $kinds[ $result['kind'] ] : '',
			null !== $result['km'] ? localfed_directory_distance( $result['km'] ) : '',
			$result['where'],
			$result['online'] ? __( 'online', 'localfed-directory' ) : '',
		)
	);
	list( $name, $name_language ) = localfed_directory_choose( $result['names'], $language, $result['language'] );
	$html  = '<li><p class="localfed-facts">' . esc_html( implode( ' · ', $facts ) ) . '</p>';
	$html .= '<h3 class="localfed-name"><a href="' . esc_url( $result['page'], array( 'https', 'http' ) ) . '"' . localfed_directory_said( $name_language ) . '>' . esc_html( $name ) . '</a></h3>';
	if ( ! $is_compact && $result['texts'] ) {
		list( $text, $text_language ) = localfed_directory_choose( $result['texts'], $language, $result['language'] );
		$html .= '<p' . localfed_directory_said( $text_language ) . '>' . esc_html( localfed_directory_excerpt( $text ) ) . '</p>';
	}
	/* translators: %s: name of an organisation. */
	$by    = $result['listed'] ? __( 'Listed by %s', 'localfed-directory' ) : __( 'Published by %s', 'localfed-directory' );
	$who   = '' !== $result['publisher'] ? $result['publisher'] . ' (' . $result['host'] . ')' : $result['host'];
	$html .= '<p class="localfed-who">' . esc_html( sprintf( $by, $who ) );
	$time  = strtotime( $result['checked'] );
	if ( false !== $time ) {
		/* translators: %s: a day. */
		$html .= esc_html( ', ' . sprintf( __( 'checked %s', 'localfed-directory' ), wp_date( get_option( 'date_format' ), $time ) ) );
	}
	return $html . '</p></li>';
}

/**
 * Writes what stands below the results: where they are from, and how old they are where the node is away.
 *
 * @param array                 $answer Of localfed_directory_search().
 * @param array<string, string> $query  Of localfed_directory_query().
 * @return string HTML.
 */
function localfed_directory_foot( $answer, $query ) {
	$html = '<p class="localfed-foot">' . localfed_directory_link( $query, $answer['total'] );
	if ( time() - $answer['asked'] > 2 * LOCALFED_DIRECTORY_FRESH ) {
		/* translators: %s: a day and a time. */
		$html .= ' ' . esc_html( sprintf( __( 'As of %s.', 'localfed-directory' ), wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), $answer['asked'] ) ) );
	}
	return $html . '</p>';
}

/**
 * Writes what is shown while nothing was ever answered: the way to the node, and why, for those who can change it.
 *
 * @param WP_Error              $error What went wrong.
 * @param array<string, string> $query Of localfed_directory_query().
 * @return string HTML.
 */
function localfed_directory_away( $error, $query ) {
	$html = '' !== localfed_directory_node() ? '<p>' . localfed_directory_link( $query, 0 ) . '</p>' : '';
	if ( current_user_can( 'edit_posts' ) ) {
		$html .= '<p class="localfed-wrong">' . esc_html( $error->get_error_message() ) . '</p>';
	}
	return $html;
}

/**
 * Writes the link to the same search on the node itself.
 *
 * @param array<string, string> $query Of localfed_directory_query().
 * @param int                   $total How many there are; 0 where that is not known.
 * @return string HTML.
 */
function localfed_directory_link( $query, $total ) {
	unset( $query['limit'] );
	$node = localfed_directory_node();
	$url  = $node . '/' . ( $query ? '?' . http_build_query( $query, '', '&' ) : '' );
	$host = (string) wp_parse_url( $node, PHP_URL_HOST );
	if ( $total > 0 ) {
		/* translators: 1: how many, 2: a host. */
		$text = sprintf( _n( '%1$s result at %2$s', 'All %1$s results at %2$s', $total, 'localfed-directory' ), number_format_i18n( $total ), $host );
	} else {
		/* translators: %s: a host. */
		$text = sprintf( __( 'Search at %s', 'localfed-directory' ), $host );
	}
	return '<a href="' . esc_url( $url, array( 'https', 'http' ) ) . '">' . esc_html( $text ) . '</a>';
}

/**
 * Says which language is chosen first: of the block, else of the site.
 *
 * @param array $attributes Of the block or the shortcode.
 * @return string A tag such as en-gb.
 */
function localfed_directory_language( $attributes ) {
	$tag = '' !== $attributes['lang'] ? (string) $attributes['lang'] : str_replace( '_', '-', get_locale() );
	return strtolower( sanitize_text_field( $tag ) );
}

/**
 * Chooses from texts by language.
 *
 * @param array<string, string> $texts    Tag to text; not empty.
 * @param string                $wanted   A tag in lower case.
 * @param string                $original In which language the record was written.
 * @return array{0: string, 1: string} Text and its tag.
 */
function localfed_directory_choose( $texts, $wanted, $original ) {
	for ( $part = $wanted; '' !== $part; $part = (string) substr( $part, 0, (int) strrpos( $part, '-' ) ) ) {
		foreach ( $texts as $tag => $text ) {
			if ( 0 === strpos( strtolower( $tag ) . '-', $part . '-' ) ) {
				return array( $text, (string) $tag );
			}
		}
	}
	$tag = isset( $texts[ $original ] ) ? $original : (string) key( $texts );
	return array( $texts[ $tag ], $tag );
}

/**
 * Writes the language of a text as an attribute, for whoever hears it read.
 *
 * @param string $tag Of the language; `und` where it is not known.
 * @return string With a space before it.
 */
function localfed_directory_said( $tag ) {
	return 'und' === $tag ? ' lang="" dir="auto"' : ' lang="' . esc_attr( $tag ) . '" dir="auto"';
}

/**
 * Cuts a text at a word.
 *
 * @param string $text Of a record.
 * @return string
 */
function localfed_directory_excerpt( $text ) {
	$text = trim( (string) preg_replace( '/\s+/u', ' ', $text ) );
	if ( mb_strlen( $text ) <= LOCALFED_DIRECTORY_EXCERPT ) {
		return $text;
	}
	return (string) preg_replace( '/\s\S*$/u', '', mb_substr( $text, 0, LOCALFED_DIRECTORY_EXCERPT ) ) . ' …';
}

/**
 * Says a distance, in miles where road signs do.
 *
 * @param float $km Kilometres.
 * @return string
 */
function localfed_directory_distance( $km ) {
	$miles  = in_array( get_locale(), array( 'en_GB', 'en_US', 'cy', 'gd' ), true );
	$number = $miles ? $km / 1.609344 : $km;
	$shown  = number_format_i18n( $number, $number < 9.95 ? 1 : 0 );
	/* translators: %s: how many. */
	return sprintf( $miles ? __( '%s miles', 'localfed-directory' ) : __( '%s km', 'localfed-directory' ), $shown );
}
