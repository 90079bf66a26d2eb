@NullMarked
package dev.jubelet.dockershim.docker;

import org.jspecify.annotations.NullMarked;
