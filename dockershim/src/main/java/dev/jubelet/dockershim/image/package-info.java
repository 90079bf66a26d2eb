@NullMarked
package dev.jubelet.dockershim.image;

import org.jspecify.annotations.NullMarked;
