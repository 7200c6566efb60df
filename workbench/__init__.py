"""What a learner works with: explanations, scores, checks of exercises, the playground, many files at once."""
