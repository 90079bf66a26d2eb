@NullMarked
package dev.jubelet.kubelet.sync;

import org.jspecify.annotations.NullMarked;
