@NullMarked
package dev.jubelet.trace.socket;

import org.jspecify.annotations.NullMarked;
