@NullMarked
package dev.jubelet.kubelet.runtime.plan;

import org.jspecify.annotations.NullMarked;
