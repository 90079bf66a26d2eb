@NullMarked
package dev.jubelet.kubelet.gc;

import org.jspecify.annotations.NullMarked;
