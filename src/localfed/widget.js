/**
 * `/widget.js`: what a page loads. It registers `<localfed-directory>`, which importing the class does not.
 */

import {register} from './widget/element.js';

register();
