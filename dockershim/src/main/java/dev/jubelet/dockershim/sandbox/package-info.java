@NullMarked
package dev.jubelet.dockershim.sandbox;

import org.jspecify.annotations.NullMarked;
