@NullMarked
package dev.jubelet.kubelet.volume;

import org.jspecify.annotations.NullMarked;
