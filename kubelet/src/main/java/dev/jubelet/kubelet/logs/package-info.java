@NullMarked
package dev.jubelet.kubelet.logs;

import org.jspecify.annotations.NullMarked;
