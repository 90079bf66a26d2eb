/// The kernel, through the Foreign Function API. What can hang in the kernel refuses virtual
/// threads
/// (design decision 7): call it through [KernelCalls].
@NullMarked
package dev.jubelet.linux;

import org.jspecify.annotations.NullMarked;
