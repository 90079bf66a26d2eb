@NullMarked
package dev.jubelet.linux;

import org.jspecify.annotations.NullMarked;
