@NullMarked
package dev.jubelet.kubelet.explain;

import org.jspecify.annotations.NullMarked;
