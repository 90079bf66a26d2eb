@NullMarked
package dev.jubelet.it.faults;

import org.jspecify.annotations.NullMarked;
