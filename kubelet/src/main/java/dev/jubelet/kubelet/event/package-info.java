@NullMarked
package dev.jubelet.kubelet.event;

import org.jspecify.annotations.NullMarked;
