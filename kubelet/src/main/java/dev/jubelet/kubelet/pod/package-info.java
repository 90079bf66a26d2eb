@NullMarked
package dev.jubelet.kubelet.pod;

import org.jspecify.annotations.NullMarked;
