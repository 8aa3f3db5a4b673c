<?php
/**
 * The page of settings: which node is asked, and a way to forget what it said.
 *
 * Here: reading, checking and keeping the address. Not here: asking (asking.php).
 *
 * @package LocalFed
 */

defined( 'ABSPATH' ) || exit;

add_action( 'admin_init', 'localfed_directory_setting' );
add_action( 'admin_menu', 'localfed_directory_menu' );
add_action( 'admin_post_localfed_directory_forget', 'localfed_directory_forget' );

/**
 * Registers the one setting; WordPress checks who may change it, and the nonce of the form.
 */
function localfed_directory_setting() {
	register_setting(
		'localfed_directory',
		LOCALFED_DIRECTORY_OPTION,
		array(
			'type'              => 'string',
			'sanitize_callback' => 'localfed_directory_clean_node',
			'default'           => '',
		)
	);
}

/**
 * Puts the page into the menu of settings.
 */
function localfed_directory_menu() {
	add_options_page(
		__( 'LocalFed directory', 'localfed-directory' ),
		__( 'LocalFed directory', 'localfed-directory' ),
		'manage_options',
		'localfed-directory',
		'localfed_directory_settings_page'
	);
}

/**
 * Reads the address of a node: scheme, host and port are kept, and nothing else.
 *
 * @param mixed $value As it was written.
 * @return string What is kept: the old one where the new one cannot be.
 */
function localfed_directory_clean_node( $value ) {
	$value = trim( (string) $value );
	if ( '' === $value ) {
		return '';
	}
	if ( false === strpos( $value, '://' ) ) {
		$value = 'https://' . $value;
	}
	$parts = wp_parse_url( esc_url_raw( $value, array( 'https', 'http' ) ) );
	if ( empty( $parts['host'] ) || isset( $parts['user'] ) ) {
		add_settings_error( LOCALFED_DIRECTORY_OPTION, 'localfed_address', __( 'That is not the address of a node, such as https://market.example.', 'localfed-directory' ) );
		return localfed_directory_node();
	}
	$node   = $parts['scheme'] . '://' . strtolower( $parts['host'] ) . ( isset( $parts['port'] ) ? ':' . $parts['port'] : '' );
	$answer = localfed_directory_ask( $node, array( 'limit' => '1' ) );
	if ( is_wp_error( $answer ) ) {
		/* translators: %s: what went wrong. */
		add_settings_error( LOCALFED_DIRECTORY_OPTION, 'localfed_away', sprintf( __( 'It is kept, but there was no answer: %s', 'localfed-directory' ), $answer->get_error_message() ), 'warning' );
	}
	return $node;
}

/**
 * Writes the page of settings.
 */
function localfed_directory_settings_page() {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	?>
	<div class="wrap">
	<h1><?php echo esc_html( get_admin_page_title() ); ?></h1>
	<form action="options.php" method="post">
		<?php settings_fields( 'localfed_directory' ); ?>
		<table class="form-table" role="presentation"><tr>
			<th scope="row"><label for="localfed-node"><?php esc_html_e( 'Address of the node', 'localfed-directory' ); ?></label></th>
			<td>
				<input class="regular-text" id="localfed-node" name="<?php echo esc_attr( LOCALFED_DIRECTORY_OPTION ); ?>" type="text" inputmode="url" value="<?php echo esc_attr( localfed_directory_node() ); ?>" placeholder="https://market.example" aria-describedby="localfed-node-hint">
				<p class="description" id="localfed-node-hint"><?php esc_html_e( 'Your server asks it for results, at most every fifteen minutes. Visitors of your site ask it nothing.', 'localfed-directory' ); ?></p>
			</td>
		</tr></table>
		<?php submit_button(); ?>
	</form>
	<form action="<?php echo esc_url( admin_url( 'admin-post.php' ) ); ?>" method="post">
		<input type="hidden" name="action" value="localfed_directory_forget">
		<?php wp_nonce_field( 'localfed_directory_forget' ); ?>
		<?php submit_button( __( 'Ask anew for everything', 'localfed-directory' ), 'secondary', 'forget' ); ?>
	</form>
	</div>
	<?php
}

/**
 * Forgets every answer, so that the next visit asks anew.
 */
function localfed_directory_forget() {
	if ( ! current_user_can( 'manage_options' ) ) {
		wp_die( esc_html__( 'You may not do that.', 'localfed-directory' ), '', array( 'response' => 403 ) );
	}
	check_admin_referer( 'localfed_directory_forget' );
	localfed_directory_forget_answers();
	wp_safe_redirect( admin_url( 'options-general.php?page=localfed-directory' ) );
	exit;
}
