@NullMarked
package dev.jubelet.kubelet.worker;

import org.jspecify.annotations.NullMarked;
