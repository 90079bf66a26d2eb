@NullMarked
package dev.jubelet.kubelet.runtime.spec;

import org.jspecify.annotations.NullMarked;
