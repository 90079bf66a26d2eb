@NullMarked
package dev.jubelet.trace;

import org.jspecify.annotations.NullMarked;
