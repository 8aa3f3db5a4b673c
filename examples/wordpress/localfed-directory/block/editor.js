// The block in the editor: its choices at the side, and what visitors will see, rendered by the server.
// No build step: WordPress' own libraries are there as `wp`.

( ( wp ) => {
	const { createElement, Fragment } = wp.element;
	const { InspectorControls, useBlockProps } = wp.blockEditor;
	const { PanelBody, TextControl, SelectControl, RangeControl, Disabled } = wp.components;
	const { __ } = wp.i18n;
	const ServerSideRender = wp.serverSideRender;

	const Edit = ( { attributes, setAttributes } ) => {
		const text = ( name, label, help ) =>
			createElement( TextControl, {
				key: name,
				label,
				help,
				value: attributes[ name ],
				onChange: ( value ) => setAttributes( { [ name ]: value } ),
			} );
		const choice = ( name, label, options ) =>
			createElement( SelectControl, {
				key: name,
				label,
				value: attributes[ name ],
				options,
				onChange: ( value ) => setAttributes( { [ name ]: value } ),
			} );
		return createElement(
			Fragment,
			null,
			createElement(
				InspectorControls,
				null,
				createElement(
					PanelBody,
					{ title: __( 'What is shown', 'localfed-directory' ) },
					text( 'q', __( 'Which words?', 'localfed-directory' ) ),
					text(
						'near',
						__( 'Near which place?', 'localfed-directory' ),
						__( 'As the node reads places, such as 54.60, -2.30. Empty means everywhere.', 'localfed-directory' )
					),
					text( 'radius', __( 'Within how many kilometres?', 'localfed-directory' ) ),
					choice( 'kind', __( 'What kind?', 'localfed-directory' ), [
						{ value: '', label: __( 'Anything', 'localfed-directory' ) },
						{ value: 'offer', label: __( 'Offers', 'localfed-directory' ) },
						{ value: 'need', label: __( 'Needs', 'localfed-directory' ) },
						{ value: 'organisation', label: __( 'Organisations', 'localfed-directory' ) },
					] ),
					text( 'category', __( 'Which category?', 'localfed-directory' ) ),
					text( 'organisation', __( 'Of which organisation alone?', 'localfed-directory' ), __( 'Its SCID or DID.', 'localfed-directory' ) ),
					createElement( RangeControl, {
						key: 'limit',
						label: __( 'How many at most?', 'localfed-directory' ),
						value: attributes.limit,
						min: 1,
						max: 50,
						onChange: ( value ) => setAttributes( { limit: value } ),
					} ),
					choice( 'view', __( 'How much of each?', 'localfed-directory' ), [
						{ value: 'list', label: __( 'With its text', 'localfed-directory' ) },
						{ value: 'compact', label: __( 'Its name alone', 'localfed-directory' ) },
					] ),
					text( 'lang', __( 'Which language first?', 'localfed-directory' ), __( 'A tag, such as cy. Empty means that of the site.', 'localfed-directory' ) )
				)
			),
			createElement(
				'div',
				useBlockProps(),
				createElement( Disabled, null, createElement( ServerSideRender, { block: 'localfed/directory', attributes } ) )
			)
		);
	};

	wp.blocks.registerBlockType( 'localfed/directory', { edit: Edit, save: () => null } );
} )( window.wp );
