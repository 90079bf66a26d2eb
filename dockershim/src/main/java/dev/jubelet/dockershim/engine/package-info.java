@NullMarked
package dev.jubelet.dockershim.engine;

import org.jspecify.annotations.NullMarked;
