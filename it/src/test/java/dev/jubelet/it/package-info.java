@NullMarked
package dev.jubelet.it;

import org.jspecify.annotations.NullMarked;
