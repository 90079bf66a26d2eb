@NullMarked
package dev.jubelet.dockershim.state;

import org.jspecify.annotations.NullMarked;
