@NullMarked
package dev.jubelet.kubelet.cri;

import org.jspecify.annotations.NullMarked;
