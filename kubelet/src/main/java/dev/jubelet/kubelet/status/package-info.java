@NullMarked
package dev.jubelet.kubelet.status;

import org.jspecify.annotations.NullMarked;
