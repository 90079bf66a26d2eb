@NullMarked
package dev.jubelet.trace.local;

import org.jspecify.annotations.NullMarked;
