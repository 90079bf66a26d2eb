@NullMarked
package dev.jubelet.dockershim.container;

import org.jspecify.annotations.NullMarked;
