@NullMarked
package dev.jubelet.cni;

import org.jspecify.annotations.NullMarked;
