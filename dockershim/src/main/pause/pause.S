# The pause program: the first process of a pod. It holds the pod's namespaces, reaps orphans when the pod shares one
# process namespace, and ends at once at SIGTERM or SIGINT. Linux amd64, no libc, no linker: the ELF header is data, so
# that any binutils makes the same bytes:
#
#   as -o pause.o pause.S && objcopy -O binary -j .text pause.o pause
#
# The signals are blocked and waited for, not handled: the kernel drops a signal that process 1 has no handler for, but
# never a blocked one, and there is no moment between looking and sleeping in which one could be missed.

        .set    BASE, 0x400000
        .set    SIGNALS, (1 << 1) | (1 << 14) | (1 << 16)       # SIGINT 2, SIGTERM 15, SIGCHLD 17

        .text
start:  .byte   0x7f, 'E', 'L', 'F', 2, 1, 1, 0                 # 64 bits, little endian
        .quad   0
        .short  2, 62                                           # ET_EXEC, EM_X86_64
        .long   1
        .quad   BASE + (entry - start)
        .quad   segments - start
        .quad   0                                               # no sections
        .long   0
        .short  64, 56, 2, 0, 0, 0                              # two segments

segments:
        .long   1, 5                                            # PT_LOAD, read and execute
        .quad   0, BASE, BASE, end - start, end - start, 0x1000
        .long   0x6474e551, 6                                   # PT_GNU_STACK, read and write
        .quad   0, 0, 0, 0, 0, 16

mask:   .quad   SIGNALS

entry:  xorl    %edi, %edi                                      # rt_sigprocmask(SIG_BLOCK, mask, NULL, 8)
        leaq    mask(%rip), %rsi
        xorl    %edx, %edx
        movl    $8, %r10d
        movl    $14, %eax
        syscall

reap:   movq    $-1, %rdi                                       # while wait4(-1, NULL, WNOHANG, NULL) > 0
        xorl    %esi, %esi
        movl    $1, %edx
        xorl    %r10d, %r10d
        movl    $61, %eax
        syscall
        testq   %rax, %rax
        jg      reap

        leaq    mask(%rip), %rdi                                # rt_sigtimedwait(mask, NULL, NULL, 8)
        xorl    %esi, %esi
        xorl    %edx, %edx
        movl    $8, %r10d
        movl    $128, %eax
        syscall
        cmpl    $2, %eax
        je      quit
        cmpl    $15, %eax
        jne     reap                                            # SIGCHLD, or interrupted

quit:   xorl    %edi, %edi                                      # exit_group(0)
        movl    $231, %eax
        syscall
end:
