@NullMarked
package dev.jubelet.dockershim;

import org.jspecify.annotations.NullMarked;
