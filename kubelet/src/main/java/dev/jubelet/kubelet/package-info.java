@NullMarked
package dev.jubelet.kubelet;

import org.jspecify.annotations.NullMarked;
