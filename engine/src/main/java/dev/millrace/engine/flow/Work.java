package dev.millrace.engine.flow;

import dev.millrace.core.node.Node;
import java.util.Collection;

/// What the turns of a chain are made of. Confined to the chain's thread, except where a method
/// says otherwise.
sealed interface Work permits Steps, SharedSteps {

  /// What a step came to.
  enum Outcome {
    WORKED,
    EMPTY,
    NOT_READY,
    /// Nothing follows: [#finish] is due.
    EXHAUSTED,
    /// A frame waits, or an instance is at work; the chain will be woken.
    SUSPENDED,
    FINISHED
  }

  /// The chain has other neighbours; what was begun goes on.
  void rewire(Input newInput, Exits newExits);

  /// Any thread: whoever asked to be called is called, since a chain before this one may have been
  /// asked last.
  void wokenBefore();

  /// Any thread: `node` asks to be called again.
  void woken(Node node);

  /// Any thread: what waits for a time, or for the chain to be released, looks again.
  void stir();

  /// Whether the next step needs no room: what it hands on had been made before.
  boolean suspended();

  /// Whether some frame has been begun and not handed on.
  boolean inHand();

  /// Frames the last step has moved.
  int frames();

  /// The next step, or the rest of the one in which a frame waited.
  Outcome next() throws NodeFailure;

  /// No input waits: says so to the nodes, once.
  void idle() throws NodeFailure;

  /// Nothing follows: says so to the nodes.
  ///
  /// @return false if a frame waits
  boolean finish() throws NodeFailure;

  /// Says to `leaving` that nothing follows; the other stages take what these still make.
  ///
  /// @return false if a frame waits
  boolean leave(Collection<Stage> leaving) throws NodeFailure;

  /// Whether nothing of the chain's runs elsewhere, from now until the next step.
  boolean halt();

  /// Lets go of all that runs elsewhere, and of what was begun; called until it is over.
  ///
  /// @return whether it is
  boolean end();
}
