@NullMarked
package dev.jubelet.kubelet.runtime;

import org.jspecify.annotations.NullMarked;
