@NullMarked
package dev.jubelet.it.cni;

import org.jspecify.annotations.NullMarked;
