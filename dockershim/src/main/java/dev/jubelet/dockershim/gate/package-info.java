@NullMarked
package dev.jubelet.dockershim.gate;

import org.jspecify.annotations.NullMarked;
