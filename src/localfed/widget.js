/**
 * `/widget.js`: what a page loads. It registers `<localfed-directory>`, which importing the class does not.
 *
 * The modules below `element.js` are named here too, so that a browser asks for all of them at once.
 */

import {register} from './widget/element.js';
import './widget/asking.js';
import './widget/attributes.js';
import './widget/card.js';
import './widget/controls.js';
import './widget/making.js';
import './widget/on_demand.js';
import './widget/style.js';
import './widget/words.js';

register();
