@NullMarked
package dev.jubelet.dockershim.checkpoint;

import org.jspecify.annotations.NullMarked;
