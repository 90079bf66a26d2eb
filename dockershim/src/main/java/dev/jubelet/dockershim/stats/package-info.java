@NullMarked
package dev.jubelet.dockershim.stats;

import org.jspecify.annotations.NullMarked;
