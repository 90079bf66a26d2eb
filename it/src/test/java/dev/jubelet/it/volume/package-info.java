@NullMarked
package dev.jubelet.it.volume;

import org.jspecify.annotations.NullMarked;
