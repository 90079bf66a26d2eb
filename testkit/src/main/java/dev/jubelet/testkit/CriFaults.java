package dev.jubelet.testkit;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// Notes every call of a fake CRI runtime, and makes calls fail or hang on demand.
final class CriFaults implements ServerInterceptor {
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final Map<String, Queue<Status>> failures = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();

  List<String> calls() {
    return List.copyOf(calls);
  }

  void forgetCalls() {
    calls.clear();
  }

  void failNext(String verb, Status status) {
    failures.computeIfAbsent(verb, _ -> new ConcurrentLinkedQueue<>()).add(status);
  }

  void hang(String verb) {
    gates.put(verb, new CountDownLatch(1));
  }

  void release(String verb) {
    CountDownLatch gate = gates.remove(verb);
    if (gate != null) {
      gate.countDown();
    }
  }

  void releaseAll() {
    List.copyOf(gates.keySet()).forEach(this::release);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String verb = Objects.requireNonNullElse(call.getMethodDescriptor().getBareMethodName(), "");
    calls.add(verb);
    return new SimpleForwardingServerCallListener<Q>(next.startCall(call, headers)) {
      @Override
      public void onHalfClose() {
        pass(verb);
        Status failure = failure(verb);
        if (failure == null) {
          super.onHalfClose();
        } else {
          call.close(failure, new Metadata());
        }
      }
    };
  }

  private @Nullable Status failure(String verb) {
    Queue<Status> waiting = failures.get(verb);
    return waiting == null ? null : waiting.poll();
  }

  private void pass(String verb) {
    CountDownLatch gate = gates.get(verb);
    if (gate != null) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
