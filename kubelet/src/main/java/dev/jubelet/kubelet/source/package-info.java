@NullMarked
package dev.jubelet.kubelet.source;

import org.jspecify.annotations.NullMarked;
